import { escapeHidden } from '../../model/values/hidden-characters.ts';

/**
 * Prints a text and a line feed. Parts of the text may come from others, such as Envoy's words, so it cannot control the
 * terminal.
 */
export const print = (text: string, out: NodeJS.WriteStream = process.stdout): void =>
  void out.write(`${escapeHidden(text)}\n`);
