/** The most domains that one tenant may claim. */
export const MOST_DOMAINS = 100;
