/** Names of other resources that must be in Envoy before a resource works; each list is sorted, without duplicates. */
export interface Needs {
  /** Clusters that requests may be sent to: `clusterName`. */
  clusters: readonly string[];
  secrets: readonly string[];
}

/** A message for Envoy, with what it needs. */
export interface Compiled<Message> {
  message: Message;
  needs: Needs;
}

/** Everything that several parts of one resource need. */
export const merged = (parts: readonly Needs[]): Needs => ({
  clusters: distinct(parts.flatMap(({ clusters }) => clusters)),
  secrets: distinct(parts.flatMap(({ secrets }) => secrets)),
});

/** Sorts names and removes duplicates. */
export const distinct = (names: Iterable<string>): string[] => [...new Set(names)].sort();
