import type { Topic } from '../store/news.ts';

/**
 * What one feed is about, and what agents follow: a fleet. The parts of a fleet that get a revision before the others
 * will be channels of their own.
 */
export interface Channel {
  readonly fleet: string;
}

/** The channel as a text: equal channels have equal keys. */
export const keyOf = ({ fleet }: Channel): string => fleet;

/** The topic under which processes tell each other that a channel has something new. */
export const topicOf = (channel: Channel): Topic => `feed/${keyOf(channel)}`;

/** The channel that a topic is about; undefined for other topics. */
export const channelOf = (topic: Topic): Channel | undefined =>
  topic.startsWith('feed/') ? { fleet: topic.slice('feed/'.length) } : undefined;
