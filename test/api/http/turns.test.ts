import { z } from '@hono/zod-openapi';
import { expect, test } from 'vitest';
import { readInput } from '../../../api/http/input.ts';
import { contract } from '../../../api/http/route.ts';

test('a small body is read before large ones that arrived with it', async () => {
  const read: number[] = [];
  const put = contract({
    ...{ method: 'put', path: '/', access: 'public', operationId: 'put', summary: 'Put' },
    tag: { name: 'Tests', description: 'Tests.' },
    body: { schema: z.string().transform((text) => read.push(text.length)), size: 'bulk' },
    answers: { 204: { description: 'Done.' } },
  });
  const lengths = [20_000, 20_001, 20_002, 1];
  await Promise.all(lengths.map((n) => readInput(put, {}, '/', JSON.stringify('x'.repeat(n)), 1_000_000)));
  expect(read).toEqual([1, 20_000, 20_001, 20_002]);
});
