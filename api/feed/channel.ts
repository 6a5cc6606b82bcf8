import type { Topic } from '../store/news.ts';

/**
 * The subject of one feed, which agents follow: today a fleet. The cohorts of a fleet, which get a revision before the
 * other nodes, will be channels of their own.
 */
export interface Channel {
  readonly fleet: string;
}

/** The channel as text. Equal channels have equal keys. */
export const keyOf = ({ fleet }: Channel): string => fleet;

/** The topic under which a process announces to the others that the channel has new events. */
export const topicOf = (channel: Channel): Topic => `feed/${keyOf(channel)}`;

/** The channel of a topic; undefined for topics that are not about a channel. */
export const channelOf = (topic: Topic): Channel | undefined =>
  topic.startsWith('feed/') ? { fleet: topic.slice('feed/'.length) } : undefined;
