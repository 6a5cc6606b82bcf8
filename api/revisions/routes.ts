import type { Binding } from '../http/route.ts';
export const revisionRoutes = (): Binding[] => [];
