CREATE TABLE `enrolment` (
	`id` text PRIMARY KEY NOT NULL,
	`hash` text NOT NULL,
	`fleet` text NOT NULL,
	`description` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer,
	`revoked_at` integer,
	`agent` text,
	FOREIGN KEY (`fleet`) REFERENCES `fleet`(`name`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `enrolment_hash_unique` ON `enrolment` (`hash`);--> statement-breakpoint
CREATE INDEX `enrolment_fleet` ON `enrolment` (`fleet`,`id`);--> statement-breakpoint
CREATE INDEX `enrolment_expires` ON `enrolment` (`expires_at`);--> statement-breakpoint
CREATE TABLE `agent` (
	`id` text PRIMARY KEY NOT NULL,
	`fleet` text NOT NULL,
	`name` text NOT NULL,
	`public_key` text NOT NULL,
	`generation` integer NOT NULL,
	`nonce` text,
	`hash` text,
	`version` text NOT NULL,
	`created_at` integer NOT NULL,
	`renewed_at` integer,
	`expires_at` integer,
	`lapses_at` integer NOT NULL,
	`stopped_at` integer,
	`stop_reason` text,
	FOREIGN KEY (`fleet`) REFERENCES `fleet`(`name`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `agent_hash_unique` ON `agent` (`hash`);--> statement-breakpoint
CREATE INDEX `agent_fleet` ON `agent` (`fleet`,`id`);--> statement-breakpoint
CREATE INDEX `agent_lapses` ON `agent` (`lapses_at`);