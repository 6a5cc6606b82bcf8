CREATE TABLE `device_authorization` (
	`hash` text PRIMARY KEY NOT NULL,
	`user_hash` text NOT NULL,
	`name` text NOT NULL,
	`remote` text NOT NULL,
	`state` text NOT NULL,
	`person` text,
	`poll_every` integer NOT NULL,
	`poll_from` integer NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`person`) REFERENCES `person`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `device_authorization_user_hash_unique` ON `device_authorization` (`user_hash`);--> statement-breakpoint
CREATE INDEX `device_authorization_person` ON `device_authorization` (`person`);--> statement-breakpoint
CREATE INDEX `device_authorization_expires` ON `device_authorization` (`expires_at`);--> statement-breakpoint
ALTER TABLE `person_session` ADD `name` text;