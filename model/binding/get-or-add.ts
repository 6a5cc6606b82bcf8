/**
 * Returns the value of a key. If the key is missing, it makes the value and stores it in the map.
 *
 * @example getOrAdd(byGateway, 'web', () => []).push('shop')
 */
export function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
