/** The tables that drizzle-kit compares with the last migration: it looks at whatever a module exports. */
const { columns } = require('../api/store/dialect.ts');
const { tables } = require('../api/store/tables/index.ts');

module.exports = tables(columns.sqlite);
