/** Copies one store into another, and gets `kill -9` when a page of its largest table is written: `FROM TO`. */
import { hash } from 'node:crypto';
import { copyStore } from '../../api/keeping/copy.ts';
import { openDatabase } from '../../api/store/open.node.ts';

const [, , from = '', to = ''] = process.argv;
const source = await openDatabase(from);
const target = await openDatabase(to, { create: true });
await copyStore(
  source,
  target,
  (text) => hash('sha256', text),
  ({ rows, at }) => {
    if (at === 'audit' && rows > 0) process.kill(process.pid, 'SIGKILL');
  },
);
