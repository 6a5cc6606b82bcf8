import { describe, expect, test } from 'vitest';
import { definitions } from '../../../api/observe/metrics.ts';
import { promMetrics } from '../../../api/observe/prom-metrics.node.ts';
import { textMetrics } from '../../../api/observe/text-metrics.ts';

/** Each series with its value, whatever the order of lines and labels; and the lines about metrics. */
function parsed(text: string) {
  const lines = text.split('\n').filter((line) => line !== '');
  const about = lines.filter((line) => line.startsWith('#')).sort();
  const series = lines
    .filter((line) => !line.startsWith('#'))
    .map((line) => {
      const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line)!;
      return [`${name}{${labels.split(',').sort().join()}}`, Number(value)] as const;
    });
  return { about, series: Object.fromEntries(series) };
}

describe.each([
  ['on Node', promMetrics],
  ['elsewhere', textMetrics],
])('metrics %s', (_, make) => {
  test('before anything happened', async () => {
    const metrics = make();
    metrics.watch('feedStreams', () => 3);
    expect(parsed(await metrics.render())).toEqual({
      about: [
        '# HELP gatehouse_api_feed_streams Agents connected to the feed.',
        '# HELP gatehouse_api_job_runs_total Runs of periodic jobs in this process.',
        '# HELP gatehouse_api_job_seconds Duration of the runs of a job.',
        '# HELP gatehouse_api_mails_total Attempts to send an e-mail message.',
        '# HELP gatehouse_api_publishes_total Revisions created.',
        '# HELP gatehouse_api_request_seconds Time from a request to its response.',
        '# HELP gatehouse_api_requests_total Answered requests.',
        '# TYPE gatehouse_api_feed_streams gauge',
        '# TYPE gatehouse_api_job_runs_total counter',
        '# TYPE gatehouse_api_job_seconds histogram',
        '# TYPE gatehouse_api_mails_total counter',
        '# TYPE gatehouse_api_publishes_total counter',
        '# TYPE gatehouse_api_request_seconds histogram',
        '# TYPE gatehouse_api_requests_total counter',
      ],
      series: { 'gatehouse_api_feed_streams{}': 3, 'gatehouse_api_publishes_total{}': 0 },
    });
  });

  test('count and time requests by route', async () => {
    const metrics = make();
    let streams = 0;
    metrics.watch('feedStreams', () => streams);
    streams = 20;
    for (const status of [200, 200, 404]) metrics.record('requests', ['putRoute', status], 1);
    // A bound belongs to its bucket; above the last one there is none.
    for (const seconds of [0.0005, 0.001, 0.2, 7.5]) metrics.record('requestSeconds', ['putRoute'], seconds);
    metrics.record('requestSeconds', ['healthz'], 0.0001);
    metrics.record('publishes', [], 1);
    metrics.record('publishes', [], 1);
    const below = [1, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3];
    const bucket = (route: string, bound: string) =>
      `gatehouse_api_request_seconds_bucket{le="${bound}",route="${route}"}`;
    const bounds = definitions.requestSeconds.buckets;
    const { series } = parsed(await metrics.render());
    expect(series).toEqual({
      'gatehouse_api_requests_total{route="putRoute",status="200"}': 2,
      'gatehouse_api_requests_total{route="putRoute",status="404"}': 1,
      ...Object.fromEntries(bounds.map((bound, index) => [bucket('putRoute', String(bound)), below[index]])),
      [bucket('putRoute', '+Inf')]: 4,
      'gatehouse_api_request_seconds_sum{route="putRoute"}': expect.closeTo(7.7015, 6),
      'gatehouse_api_request_seconds_count{route="putRoute"}': 4,
      ...Object.fromEntries(bounds.map((bound) => [bucket('healthz', String(bound)), 1])),
      [bucket('healthz', '+Inf')]: 1,
      'gatehouse_api_request_seconds_sum{route="healthz"}': expect.closeTo(0.0001, 6),
      'gatehouse_api_request_seconds_count{route="healthz"}': 1,
      'gatehouse_api_publishes_total{}': 2,
      'gatehouse_api_feed_streams{}': 20,
    });
    expect(bounds).toEqual([0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]);
  });
});
