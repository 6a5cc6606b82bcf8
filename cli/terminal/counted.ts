/** Returns a count with its noun: `1 tenant`, `2 tenants`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Summarizes a store for the commands that work on one: `1 tenant, 4 revisions`. */
export const inStore = ({ tenants, revisions }: { tenants: number; revisions: number }): string =>
  `${counted(tenants, 'tenant')}, ${counted(revisions, 'revision')}`;
