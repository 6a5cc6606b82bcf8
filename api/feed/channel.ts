import type { Topic } from '../store/news.ts';

/**
 * The subject of one feed that agents follow. Today each fleet has one channel. Later, each cohort of a fleet will
 * have a channel of its own. A cohort is a part of the fleet's nodes that gets a revision before the other nodes.
 */
export interface Channel {
  readonly fleet: string;
}

/** Returns the channel as text, for use as a key. Equal channels have equal keys. */
export const keyOf = ({ fleet }: Channel): string => fleet;

/** Returns the topic under which an API process announces to the other processes that the channel has new events. */
export const topicOf = (channel: Channel): Topic => `feed/${keyOf(channel)}`;

/** Returns the channel that a topic announces; undefined for a topic that does not announce a channel. */
export const channelOf = (topic: Topic): Channel | undefined =>
  topic.startsWith('feed/') ? { fleet: topic.slice('feed/'.length) } : undefined;
