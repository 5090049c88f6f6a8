/** Like what defineReactors returns, but not made by it. */
export default { reactors: {}, listeners: {} };
