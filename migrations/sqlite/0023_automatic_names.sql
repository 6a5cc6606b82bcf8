CREATE TABLE `automatic_name` (
	`tenant` text NOT NULL,
	`name` text NOT NULL,
	`certificate` text NOT NULL,
	`challenge` text NOT NULL,
	`wanted` integer NOT NULL,
	`step` text NOT NULL,
	`reason` text NOT NULL,
	`failures` integer NOT NULL,
	`due_at` integer NOT NULL,
	`version` integer NOT NULL,
	`order_url` text,
	`ordered_at` integer,
	`challenge_url` text,
	`token` text,
	`answer` text,
	`announced` text,
	`next_key` text,
	`chain` text,
	`key` text,
	`not_before` integer,
	`not_after` integer,
	`renew_at` integer,
	`issued_at` integer,
	PRIMARY KEY(`tenant`, `name`)
);
--> statement-breakpoint
CREATE INDEX `automatic_name_due` ON `automatic_name` (`due_at`);--> statement-breakpoint
CREATE TABLE `acme_account` (
	`directory` text PRIMARY KEY NOT NULL,
	`url` text NOT NULL,
	`key_id` text NOT NULL,
	`sealed` text NOT NULL
);
--> statement-breakpoint
ALTER TABLE `feed` ADD `issued` text;