import { Problem } from '../problem.ts';

/** @param path pointer into the certificate's spec */
export function refuse(path: string, code: string, message: string, cause?: unknown): Problem {
  return new Problem('invalid-certificate', { violations: [{ path, pointer: path, code, message }], cause });
}
