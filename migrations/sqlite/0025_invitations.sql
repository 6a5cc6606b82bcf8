CREATE TABLE `invitation` (
	`id` text PRIMARY KEY NOT NULL,
	`hash` text NOT NULL,
	`tenant` text NOT NULL,
	`email` text NOT NULL,
	`role` text NOT NULL,
	`invited_by` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`accepted_at` integer,
	`revoked_at` integer,
	FOREIGN KEY (`tenant`) REFERENCES `tenant`(`name`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `invitation_hash_unique` ON `invitation` (`hash`);--> statement-breakpoint
CREATE INDEX `invitation_tenant` ON `invitation` (`tenant`,`id`);--> statement-breakpoint
CREATE INDEX `invitation_expires` ON `invitation` (`expires_at`);