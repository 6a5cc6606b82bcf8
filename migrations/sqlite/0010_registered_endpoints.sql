CREATE TABLE `registered_endpoint` (
	`tenant` text NOT NULL,
	`upstream` text NOT NULL,
	`id` text NOT NULL,
	`endpoint` text NOT NULL,
	`labels` text NOT NULL,
	`ttl` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`registered_at` integer NOT NULL,
	PRIMARY KEY(`tenant`, `upstream`, `id`)
);
--> statement-breakpoint
CREATE INDEX `registered_endpoint_expires` ON `registered_endpoint` (`expires_at`);--> statement-breakpoint
ALTER TABLE `feed` ADD `upstreams` text;