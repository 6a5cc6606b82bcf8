import { LAST_GOOD_SCHEMA } from './last-good.ts';

/** The format of the file. Format 2 added hosts that only hide a wildcard, and the rejections of rejected routes. */
export const FORMAT = 2;

/** The tables of every file of this format. */
export const SCHEMA = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE tenant (name TEXT PRIMARY KEY, revision INTEGER NOT NULL, seq INTEGER NOT NULL, sweep INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE resource (tenant TEXT, kind TEXT, name TEXT, spec TEXT NOT NULL, key BLOB, PRIMARY KEY (tenant, kind, name)) WITHOUT ROWID;
  CREATE TABLE scope (key TEXT PRIMARY KEY, tenant TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX scope_tenant ON scope (tenant);
  CREATE TABLE admitted (host TEXT PRIMARY KEY, tenant TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX admitted_tenant ON admitted (tenant);
  ${LAST_GOOD_SCHEMA}
`;
