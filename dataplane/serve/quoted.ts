/** The smallest length of a text that is searched in a message. Shorter texts occur in any message by chance. */
const SHORTEST = 3;

/** Returns the longest text of a spec that the message contains, with its JSON pointer; an empty text if there is none. */
export function quotedIn(message: string, spec: unknown): { path: string; text: string } {
  let best = { path: '', text: '' };
  for (const [path, text] of texts(spec, ''))
    if (text.length > Math.max(best.text.length, SHORTEST - 1) && message.includes(text)) best = { path, text };
  return best;
}

function* texts(value: unknown, path: string): Generator<[path: string, text: string]> {
  if (typeof value === 'string') yield [path, value];
  else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value))
      yield* texts(member, `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  }
}
