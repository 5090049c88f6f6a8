// A table whose rows stay where they are while their values change, so that
// neither the focus nor the place of a reader is lost.

export class Table {
  #columns;
  #body = document.createElement("tbody");
  #rows = new Map();
  #heads = new Map();
  #empty;

  /**
   * A column has a `title`, `text(row)`, and may have `sort`, its name when it is
   * sorted by, `isNumber`, and `actions(row)`, an array of `{ label, run }`.
   */
  constructor(table, columns, { caption, empty, onSort }) {
    this.#columns = columns;
    this.#empty = empty;
    const head = document.createElement("thead");
    const row = head.insertRow();
    for (const { title, sort, isNumber } of columns) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.className = isNumber ? "number" : "";
      if (sort === undefined) {
        cell.textContent = title;
      } else {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = title;
        button.addEventListener("click", () => onSort(sort));
        cell.append(button);
        this.#heads.set(sort, cell);
      }
      row.append(cell);
    }
    table.setAttribute("aria-label", caption);
    // Rows that are laid out as blocks are none for some readers, unless it is said.
    this.#body.setAttribute("role", "rowgroup");
    table.replaceChildren(head, this.#body);
  }

  /** What it can be sorted by: names and titles. */
  get orders() {
    return Array.from(this.#heads, ([name, cell]) => [name, cell.textContent]);
  }

  showOrder(sort, order) {
    for (const [name, cell] of this.#heads) {
      if (name === sort) cell.setAttribute("aria-sort", `${order}ending`);
      else cell.removeAttribute("aria-sort");
    }
  }

  /** `rows` have a `key` each. */
  show(rows) {
    const focusAgain = this.#focus();
    const keys = new Set(rows.map(({ key }) => key));
    for (const [key, { element }] of this.#rows) {
      if (keys.has(key)) continue;
      element.remove();
      this.#rows.delete(key);
    }
    rows.forEach((row, index) => {
      const known = this.#rows.get(row.key) ?? this.#add(row);
      known.row = row;
      this.#columns.forEach((column, i) => {
        if (column.actions === undefined) {
          const text = String(column.text(row));
          const cell = known.element.cells[i];
          if (cell.textContent !== text) cell.textContent = text;
        } else {
          column.actions(row).forEach(({ isOff = false }, j) => {
            known.element.cells[i].children[j].disabled = isOff;
          });
        }
      });
      if (this.#body.rows[index] !== known.element) {
        this.#body.insertBefore(known.element, this.#body.rows[index] ?? null);
      }
    });
    this.#showEmpty(rows.length === 0);
    focusAgain();
  }

  /** What gives the focus back to the button that has it now, once its row has moved; where that is gone, to the one in its place. */
  #focus() {
    const { activeElement } = document;
    const row = activeElement?.closest("tr");
    if (row?.parentElement !== this.#body) return () => {};
    const index = row.sectionRowIndex;
    const button = [...row.querySelectorAll("button")].indexOf(activeElement);
    return () => {
      const { rows } = this.#body;
      const now = row.isConnected
        ? row
        : rows[Math.min(index, rows.length - 1)];
      now.querySelectorAll("button")[button]?.focus({ preventScroll: true });
    };
  }

  #add(row) {
    const known = { element: document.createElement("tr"), row };
    known.element.setAttribute("role", "row");
    for (const { title, isNumber, actions } of this.#columns) {
      const cell = known.element.insertCell();
      cell.setAttribute("role", "cell");
      cell.dataset.label = title;
      cell.className = isNumber ? "number" : "";
      if (actions === undefined) continue;
      actions(row).forEach(({ label }, j) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = label;
        button.ariaLabel = `${label} ${this.#columns[0].text(row)}`;
        button.addEventListener("click", () => actions(known.row)[j].run());
        cell.append(button);
      });
    }
    this.#rows.set(row.key, known);
    return known;
  }

  #showEmpty(isEmpty) {
    const last = this.#body.querySelector("td.empty");
    if (!isEmpty) return last?.parentElement.remove();
    if (last !== null) return;
    const cell = this.#body.insertRow().insertCell();
    cell.className = "empty";
    cell.colSpan = this.#columns.length;
    cell.textContent = this.#empty;
  }
}
