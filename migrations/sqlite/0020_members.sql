CREATE TABLE `member` (
	`tenant` text NOT NULL,
	`person` text NOT NULL,
	`role` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`tenant`, `person`),
	FOREIGN KEY (`tenant`) REFERENCES `tenant`(`name`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `member_person` ON `member` (`person`,`tenant`);--> statement-breakpoint
ALTER TABLE `token` ADD `kinds` text;--> statement-breakpoint
ALTER TABLE `token` ADD `created_by` text;--> statement-breakpoint
ALTER TABLE `token` ADD `person` text;--> statement-breakpoint
ALTER TABLE `token` ADD `last_used_at` integer;--> statement-breakpoint
CREATE INDEX `token_created_by` ON `token` (`created_by`);--> statement-breakpoint
ALTER TABLE `guard` ADD `owner` integer DEFAULT 0 NOT NULL;