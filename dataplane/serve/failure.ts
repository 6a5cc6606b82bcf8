/**
 * Returns the reason of an error in words that a tenant may see. Messages of Node and of parsers may quote their input,
 * which may be a private key. So this function uses the message only for plain `Error` objects without a code, which
 * Gatehouse throws itself. For other errors it returns the code or the name.
 */
export function reasonOf(error: unknown): string {
  const { name = 'Error', code, message } = error as { name?: string; code?: unknown; message?: string };
  if (typeof code === 'string') return code;
  return name === 'Error' && message !== undefined ? message : name;
}

/** @param reason completes "it needs the cluster x, which …" */
export const needs = (cluster: string, reason: string): string => `it needs the cluster ${cluster}, which ${reason}`;
