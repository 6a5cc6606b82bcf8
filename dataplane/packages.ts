import { resolveDirectly } from '../wire/resolve.node.ts';

resolveDirectly(['zod']);
