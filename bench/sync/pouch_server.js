"use strict";
// CouchDB as express-pouchdb serves it, on LevelDB: node pouch_server.js <folder> <port>
const [folder, port] = process.argv.slice(2);
const PouchDB = require("pouchdb").defaults({ prefix: folder + "/" });
const app = require("express")();
app.use("/", require("express-pouchdb")(PouchDB, { mode: "minimumForPouchDB" }));
app.listen(Number(port), "127.0.0.1");
