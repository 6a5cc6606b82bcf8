/**
 * Why something could not be built, in words fit for its tenant: what Node and the parsers below it say may quote what
 * they were given, and that may be a private key. So only of our own errors the message is used, and of others the
 * code.
 */
export function reasonOf(error: unknown): string {
  const { name = 'Error', code, message } = error as { name?: string; code?: unknown; message?: string };
  if (typeof code === 'string') return code;
  return name === 'Error' && message !== undefined ? message : name;
}

/** @param reason completes "it needs the cluster x, which …" */
export const needs = (cluster: string, reason: string): string => `it needs the cluster ${cluster}, which ${reason}`;
