import { type Service, seen } from './service.ts';

/** The facts about the book, at `GET /details/{product}`. */
export const details: Service = {
  name: 'details',
  version: 'v1',
  handle: (call) => ({
    body: {
      service: 'details',
      version: 'v1',
      id: product(call.path),
      title: 'The Comedy of Errors',
      author: 'William Shakespeare',
      year: 1595,
      type: 'paperback',
      pages: 200,
      publisher: 'PublisherA',
      language: 'English',
      isbn10: '1234567890',
      request: seen(call),
    },
  }),
};

/** Returns the number at the end of the path; 0 when there is none. */
export function product(path: string): number {
  return Number(/\/(\d+)$/.exec(path)?.[1] ?? 0);
}
