/**
 * Reads the value of a key. When the key is missing, it makes the value and stores it.
 *
 * @example entry(byGateway, 'web', () => []).push('shop')
 */
export function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
