import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { Failure } from '../process/failure.ts';

const Credentials = z.object({
  /** The operator token, which `up` passes to the API at each start. */
  operatorToken: z.string(),
  /** A token for the agent of the demo fleet. `up` creates it through the API. */
  agentToken: z.string().optional(),
  /** A token of the demo tenant. `up` creates it through the API. */
  tenantToken: z.string().optional(),
});
export type Credentials = z.infer<typeof Credentials>;

/**
 * Reads the tokens of earlier starts. At the first start, it creates the operator token, which the API needs to start.
 */
export function loadCredentials(file: string): Credentials {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const made = { operatorToken: `gh_operator_${randomBytes(32).toString('base64url')}` };
    saveCredentials(file, made);
    return made;
  }
  const read = Credentials.safeParse(parse(text));
  if (!read.success) throw new Failure(`${file} is damaged. Restore it, or remove the data folder to start afresh.`);
  return read.data;
}

/** Replaces the file atomically. At no time can anybody except the owner read it. */
export function saveCredentials(file: string, credentials: Credentials): void {
  writeSecret(file, `${JSON.stringify(credentials, null, 2)}\n`);
}

export function writeSecret(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
