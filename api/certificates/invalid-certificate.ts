import { Problem } from '../problem.ts';

/**
 * Makes the problem that rejects a certificate.
 *
 * @param path JSON pointer into the spec of the certificate
 * @param code the code of the violation, such as `unreadable`
 */
export function invalidCertificate(path: string, code: string, message: string, cause?: unknown): Problem {
  return new Problem('invalid-certificate', { violations: [{ path, pointer: path, code, message }], cause });
}
