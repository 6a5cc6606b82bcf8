import { product } from './details.ts';
import { type Service, seen } from './service.ts';

const TEXTS = {
  Reviewer1: 'An extremely entertaining play by Shakespeare. The slapstick humour is refreshing!',
  Reviewer2:
    'Absolutely fun and entertaining. The play lacks thematic depth when compared to other plays by Shakespeare.',
};

const COLORS = { v1: undefined, v2: 'black', v3: 'red' } as const;

/**
 * The reviews, at `GET /reviews/{product}`. v1 shows no stars. v2 and v3 call `ratings`, and show black and red stars.
 */
export function reviews(version: keyof typeof COLORS, ratingsUrl: string): Service {
  const color = COLORS[version];
  return {
    name: 'reviews',
    version,
    handle: async (call) => {
      const id = product(call.path);
      const stars = color && (await rated(ratingsUrl, id));
      return {
        body: {
          service: 'reviews',
          version,
          id,
          reviews: Object.entries(TEXTS).map(([reviewer, text]) => ({
            reviewer,
            text,
            ...(color && { rating: stars ? { stars: stars[reviewer], color } : { error: 'ratings are unavailable' } }),
          })),
          request: seen(call),
        },
      };
    },
  };
}

/** If `ratings` fails, the service still responds with the reviews, without stars. */
async function rated(url: string, id: number): Promise<Record<string, number> | undefined> {
  try {
    const response = await fetch(`${url}/ratings/${id}`, { signal: AbortSignal.timeout(2000) });
    if (!response.ok) return undefined;
    return ((await response.json()) as { ratings: Record<string, number> }).ratings;
  } catch {
    return undefined;
  }
}
