/**
 * Says why something could not be built, in words that its tenant may see. Messages of Node and of parsers may quote
 * their input, which may be a private key. So the message is used only of our own errors; of others, it is the code.
 */
export function reasonOf(error: unknown): string {
  const { name = 'Error', code, message } = error as { name?: string; code?: unknown; message?: string };
  if (typeof code === 'string') return code;
  return name === 'Error' && message !== undefined ? message : name;
}

/** @param reason completes "it needs the cluster x, which …" */
export const needs = (cluster: string, reason: string): string => `it needs the cluster ${cluster}, which ${reason}`;
