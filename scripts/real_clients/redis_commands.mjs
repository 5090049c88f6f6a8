// @ts-check
//
// What a server of the protocol of Redis is asked, one line each, and answers as
// Redis does. Words are separated by spaces; one in quotes is JSON.

/** Their replies are the same, byte for byte. */
export const COMMANDS = String.raw`
PING
PING hello
PING a b
ping
ECHO hello
ECHO
ECHO a b
FOO
FOO bar baz
FOO "a\r\nb" c
GET
GET a b
SET k
SET k v
GET k
GET missing
SET k "\u0000\u00ff\r\nbinary"
GET k
STRLEN k
SET k v NX
SET new v NX
SET new w XX
SET missing w XX
SET new x GET
SET absent x GET
SET new y NX GET
SET new y XX GET
SET k v NX XX
SET k v EX
SET k v EX abc
SET k v EX 0
SET k v EX -1
SET k v PX 0
SET k v EX 10 PX 10
SET k v EX 10 KEEPTTL
SET k v FOO
SET k v EX 9223372036854775807
SET k v PX 9223372036854775807
SET k v EX 99999999999999999999
SET k v EX 100
TTL k
SET k w KEEPTTL
TTL k
SET k w
TTL k
SET k v EXAT 4102444800
SET k v PXAT 4102444800000
SETNX k x
SETNX fresh x
SETEX k 100 v
SETEX k 0 v
SETEX k x v
PSETEX k 100000 v
PSETEX k -1 v
GETSET k new
GETSET none v
GETDEL k
GETDEL k
SET text hello
APPEND text " world"
APPEND started abc
GET text
STRLEN text
STRLEN missing
SET n 10
INCR n
DECR n
INCRBY n 5
DECRBY n 3
INCRBY n x
INCRBY n 1.5
INCRBY n "1 "
INCRBY n 01
INCRBY n -0
INCRBY n +1
INCRBY n 9223372036854775808
INCR missing-n
INCR text
SET big 9223372036854775806
INCR big
INCR big
GET big
DECRBY big -9223372036854775808
SET small -9223372036854775808
DECR small
INCRBY small 9223372036854775807
INCRBY small 1
SET exact 9007199254740993
INCR exact
INCRBY exact 1000000000000000
SET wide 999999999999999
INCR wide
INCRBY wide 999999999999999
DECRBY n 9223372036854775807
MSET a 1 b 2
MSET a
MSET a 1 b
MSETNX a 2 nobody 3
EXISTS nobody
MSETNX p 2 q 3
MGET p q
MSETNX p
MSETNX p 1 q
DEL p q
MGET a b c
MGET
DEL a b c
DEL
UNLINK a
EXISTS n n missing
EXISTS
TYPE n
TYPE missing
LPUSH list a b c
RPUSH list d
LRANGE list 0 -1
LRANGE list 1 2
LRANGE list -2 -1
LRANGE list -100 100
LRANGE list 5 10
LRANGE list 2 1
LRANGE list a 1
LRANGE list 0 99999999999999999999
LRANGE missing 0 -1
LLEN list
LLEN missing
LLEN n
LPUSH list
LPUSH n x
LPOP list
RPOP list
LPOP list 0
LPOP list 1
LPOP list -1
LPOP list x
LPOP list 10
LPOP list
LPOP list 2
RPOP missing 2
RPOP missing
LPOP n
LPOP list 1 2
TYPE list
RPUSH list a
TYPE list
GET list
SET list text
TYPE list
HSET h f 1 g 2
HSET h f 3
HSET h f
HSET h f 1 g
HSET n f 1
HGET h f
HGET h missing
HGET missing f
HGET n f
HGETALL h
HGETALL missing
HMSET h x 9
HMSET h x
HMGET h f missing g
HKEYS h
HVALS h
HLEN h
HEXISTS h f
HEXISTS h none
HDEL h f none
HDEL h g x
EXISTS h
HDEL missing f
HGETALL n
TYPE h
SADD s 1 1
SADD s 1
SADD n x
SADD s
SCARD s
SCARD missing
SISMEMBER s 1
SISMEMBER s 9
SMEMBERS s
SMEMBERS missing
SMEMBERS n
SADD s 2 3
SREM s 1 9
SREM s 2 3
EXISTS s
TYPE s
SADD s a
TYPE s
LPUSH s a
INCR s
APPEND s a
STRLEN s
GETSET s a
SET s a GET
MGET s n
EXPIRE n 100
EXPIRE missing 100
TTL n
TTL missing
PERSIST n
PERSIST n
TTL n
PERSIST missing
EXPIRE n abc
EXPIRE n 9223372036854775807
EXPIRE n -9223372036854775808
EXPIRE n
PEXPIRE n 9223372036854775807
EXPIRE n 100 NX
EXPIRE n 200 NX
EXPIRE n 50 GT
EXPIRE n 300 GT
EXPIRE n 400 LT
EXPIRE n 100 LT
EXPIRE n 100 XX
PERSIST n
EXPIRE n 100 XX
EXPIRE n 100 GT
EXPIRE n 100 NX XX
EXPIRE n 100 GT LT
EXPIRE n 100 foo
EXPIREAT n 4102444800
PEXPIREAT n 4102444800000
EXPIREAT n 1
EXISTS n
SET n 1
EXPIRE n 0
EXISTS n
SET n 1
EXPIRE n -5
GET n
PEXPIRE gone 10
SELECT 1
GET text
SET one 1
DBSIZE
KEYS *
SELECT 0
SELECT 16
SELECT -1
SELECT abc
SELECT
KEYS text
KEYS t[a-f]xt
KEYS t[^x]xt
KEYS tex?
KEYS "te\\xt"
KEYS nothing*
KEYS
TYPE
SCAN
SCAN abc
SCAN 0 COUNT
SCAN 0 COUNT 0
SCAN 0 COUNT abc
SCAN 0 FOO 1
DEL scanned
HSCAN scanned 0
HSCAN scanned
HSCAN scanned x
HSCAN scanned 0 FOO 1
HSET scanned f1 a f2 b g c
HSCAN scanned 0
HSCAN scanned 0 MATCH f* COUNT 100
HSCAN scanned 0 MATCH
HSCAN scanned 0 COUNT 0
HSCAN scanned 0 COUNT x
HSCAN scanned 0 TYPE hash
HSCAN scanned 0 FOO 1
SSCAN scanned 0
DEL scanned
SSCAN scanned 0
SADD scanned member
SSCAN scanned 0
SSCAN scanned 0 MATCH x*
HSCAN scanned 0
DEL scanned
MULTI
MULTI
SET tx 1
INCR tx
LPUSH tx a
GET tx
WATCH tx
EXEC
EXEC
DISCARD
MULTI
GET
GET tx
EXEC
MULTI
NOSUCH
SET tx 5
EXEC
GET tx
MULTI
SET tx 9
DISCARD
GET tx
MULTI
EXEC
WATCH tx
SET tx changed
MULTI
GET tx
EXEC
WATCH tx
MULTI
GET tx
EXEC
WATCH
UNWATCH
PUBLISH nobody hi
PUBLISH nobody
UNSUBSCRIBE
PUNSUBSCRIBE
SUBSCRIBE
CLIENT
CLIENT GETNAME
CLIENT SETNAME me
CLIENT GETNAME
CLIENT SETNAME "with space"
CLIENT SETNAME
CLIENT NOSUCH
CLIENT NO-EVICT on
CLIENT NO-EVICT maybe
CLIENT LIST TYPE
CLIENT LIST TYPE nosuch
CLIENT LIST TYPE replica
CLIENT LIST ID
CLIENT LIST ID x
CLIENT LIST ID 0
CLIENT LIST ID 987654321
CLIENT LIST nosuch
CLIENT KILL
CLIENT KILL 127.0.0.1:1
CLIENT KILL ID
CLIENT KILL ID 987654321
CLIENT KILL ID 0
CLIENT KILL ID x
CLIENT KILL TYPE pubsub SKIPME no
CLIENT KILL TYPE nosuch
CLIENT KILL ADDR 127.0.0.1:1 USER default
CLIENT KILL USER nosuch
CLIENT KILL SKIPME maybe
CLIENT KILL ID 1 nosuch
CLIENT KILL SKIPME yes TYPE normal ID 987654321
PUBSUB
PUBSUB NOSUCH
PUBSUB CHANNELS
PUBSUB CHANNELS a b
PUBSUB CHANNELS nosuch*
PUBSUB NUMSUB
PUBSUB NUMSUB a b
PUBSUB NUMPAT
PUBSUB NUMPAT a
CONFIG
CONFIG GET
CONFIG GET maxmemory
CONFIG GET save
CONFIG GET databases
CONFIG GET nosuch*
CONFIG NOSUCH
COMMAND NOSUCH
AUTH secret
AUTH default secret
AUTH a b c
HELLO 1
HELLO 4
HELLO abc
HELLO 2 FOO
HELLO 2 SETNAME
DBSIZE
FLUSHDB FOO
FLUSHDB
DBSIZE
FLUSHALL ASYNC
RESET
`.trim().split("\n").map((line) =>
  (line.match(/"(?:\\.|[^"])*"|\S+/g) ?? []).map((word) =>
    word.startsWith('"') ? String(JSON.parse(word)) : word
  )
);

/** Bad requests, which end the connection, and requests that only look bad. */
export const BYTES = [
  "PING\r\n",
  "PING\n",
  "\r\n\r\nPING\r\n",
  "SET inline value\r\n",
  "GET inline\r\n",
  'SET inline "a\\x41\\n\\"b"\r\n',
  "SET inline 'it\\'s'\r\n",
  'ECHO ""\r\n',
  "  ECHO   spaced  \r\n",
  'GET "unbalanced\r\n',
  'GET "a"b\r\n',
  "*0\r\nPING\r\n",
  "*-1\r\nPING\r\n",
  "*1\r\nPING\r\n",
  "*x\r\n",
  "*1\r\n$x\r\n",
  "*1\r\n$-1\r\n",
  "*1\r\n$536870913\r\n",
  "*2147483648\r\n",
  "*1\r\n:1\r\n",
  "*1\r\n$4\r\nPINGxx*1\r\n$4\r\nPING\r\n",
];
