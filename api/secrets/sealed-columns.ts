import type { TableName } from '../store/tables/index.ts';
import { accountContext, keyContext, mailContext, replyContext } from './contexts.ts';

/** A column with envelopes. */
export interface SealedColumn {
  table: TableName;
  /** What the rows are, in the plural. */
  what: string;
  /** The columns of the primary key. All are texts. */
  key: readonly string[];
  /** The column with the envelope: the base64 alone, or with the id of the sealing key before it (`sealText`). */
  sealed: string;
  /** The column with the id of the sealing key. Absent when the envelope contains it. An empty envelope is none. */
  keyId?: string;
  /** Returns the context of the envelope of a row. */
  context(...key: string[]): string;
}

/** All columns with envelopes. `gatehouse sealing rotate` seals each of them again. */
export const sealedColumns: readonly SealedColumn[] = [
  {
    table: 'sealedKey',
    what: 'private keys',
    key: ['tenant', 'id'],
    sealed: 'sealed',
    keyId: 'keyId',
    context: keyContext,
  },
  { table: 'idempotency', what: 'kept replies', key: ['owner', 'key'], sealed: 'body', context: replyContext },
  {
    table: 'acmeAccount',
    what: 'keys of accounts at certificate authorities',
    key: ['directory'],
    sealed: 'sealed',
    keyId: 'keyId',
    context: accountContext,
  },
  { table: 'mail', what: 'messages', key: ['id'], sealed: 'sealed', context: mailContext },
];
