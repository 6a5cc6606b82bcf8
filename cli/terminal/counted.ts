/** `1 tenant`, `2 tenants`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `1 tenant, 4 revisions`, as the commands on a store summarize it. */
export const inStore = ({ tenants, revisions }: { tenants: number; revisions: number }): string =>
  `${counted(tenants, 'tenant')}, ${counted(revisions, 'revision')}`;
