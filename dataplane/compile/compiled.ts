/** Names of other resources that must be in Envoy before a resource works; each list is sorted, without duplicates. */
export interface Needs {
  /** The names of clusters to which requests may be sent, as `clusterName` writes them. */
  clusters: readonly string[];
  secrets: readonly string[];
}

/** A message for Envoy, with the resources that Envoy must have before it. */
export interface Compiled<Message> {
  message: Message;
  needs: Needs;
}

/** Merges the needs of several parts of one resource. */
export const merged = (parts: readonly Needs[]): Needs => ({
  clusters: distinct(parts.flatMap(({ clusters }) => clusters)),
  secrets: distinct(parts.flatMap(({ secrets }) => secrets)),
});

/** Sorts names and removes duplicates. */
export const distinct = (names: Iterable<string>): string[] => [...new Set(names)].sort();
