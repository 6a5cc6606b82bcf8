/** Prints one result: one line of JSON for programs, or one line per figure for people. */
export function print(result: object, { json }: { json?: boolean }): void {
  if (json) console.log(JSON.stringify(result));
  else for (const [name, value] of figures(result, '')) console.log(`${name.padEnd(28)} ${value}`);
}

/** Prints results of one shape side by side: one row per figure and one column per result. */
export function printTable(results: readonly object[]): void {
  const columns = results.map((result) => [...figures(result, '')]);
  for (const [row, [name]] of columns[0]?.entries() ?? [])
    console.log(name.padEnd(28) + columns.map((column) => column[row]![1].padStart(10)).join(''));
}

/** Every figure by its path. */
function* figures(value: object, path: string): Generator<[string, string]> {
  for (const [key, inner] of Object.entries(value)) {
    const name = path ? `${path} ${key}` : key;
    if (typeof inner === 'object' && inner !== null) yield* figures(inner, name);
    else yield [name.replaceAll('_', ' '), String(inner)];
  }
}
