import { hash } from 'node:crypto';
import { type Copied, copyStore } from '../../api/keeping/copy.ts';
import { openDatabase } from '../../api/store/open.node.ts';
import type { Answer } from '../command.ts';
import { UsageError } from '../process/failure.ts';
import { bar, progress } from '../terminal/progress.ts';
import { isSameStore, requireUnused } from './database.ts';

export interface CopyOptions {
  from: string;
  to: string;
  json?: boolean;
}

export async function copy({ from, to, json }: CopyOptions): Promise<Answer> {
  if (isSameStore(from, to)) throw new UsageError('--from and --to name the same database.');
  requireUnused(from);
  requireUnused(to);
  const source = await openDatabase(from);
  const target = await openDatabase(to, { create: true }).catch(async (error: unknown) => {
    await source.driver.close();
    throw error;
  });
  const line = progress(!json);
  const show = ({ rows, of, at }: Copied) => line.show(`${bar(of === 0 ? 1 : Math.min(1, rows / of))} ${at}`);
  try {
    const { rows } = await copyStore(source, target, (text) => hash('sha256', text), show);
    line.done();
    return { text: `${rows} rows copied, every revision verified`, json: { rows } };
  } finally {
    line.done();
    await Promise.all([source.driver.close(), target.driver.close()]);
  }
}
