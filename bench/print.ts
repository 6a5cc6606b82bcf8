/** One result: a line of JSON for programs, or a line a figure for people. */
export function print(result: object, { json }: { json?: boolean }): void {
  if (json) console.log(JSON.stringify(result));
  else for (const [name, value] of figures(result, '')) console.log(`${name.padEnd(28)} ${value}`);
}

/** Every figure by its path. */
function* figures(value: object, path: string): Generator<[string, string]> {
  for (const [key, inner] of Object.entries(value)) {
    const name = path ? `${path} ${key}` : key;
    if (typeof inner === 'object' && inner !== null) yield* figures(inner, name);
    else yield [name.replaceAll('_', ' '), String(inner)];
  }
}
