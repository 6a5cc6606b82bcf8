CREATE TABLE `person` (
	`id` text PRIMARY KEY NOT NULL,
	`email` text NOT NULL,
	`email_verified` integer NOT NULL,
	`name` text NOT NULL,
	`image` text,
	`role` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `person_email_unique` ON `person` (`email`);--> statement-breakpoint
CREATE TABLE `person_account` (
	`id` text PRIMARY KEY NOT NULL,
	`person` text NOT NULL,
	`provider` text NOT NULL,
	`account` text NOT NULL,
	`password` text,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`person`) REFERENCES `person`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `person_account_provider` ON `person_account` (`provider`,`account`);--> statement-breakpoint
CREATE INDEX `person_account_person` ON `person_account` (`person`);--> statement-breakpoint
CREATE TABLE `person_session` (
	`id` text PRIMARY KEY NOT NULL,
	`hash` text NOT NULL,
	`person` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`remote` text NOT NULL,
	`user_agent` text NOT NULL,
	FOREIGN KEY (`person`) REFERENCES `person`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `person_session_hash_unique` ON `person_session` (`hash`);--> statement-breakpoint
CREATE INDEX `person_session_person` ON `person_session` (`person`,`created_at`);--> statement-breakpoint
CREATE INDEX `person_session_expires` ON `person_session` (`expires_at`);--> statement-breakpoint
CREATE TABLE `person_code` (
	`hash` text PRIMARY KEY NOT NULL,
	`purpose` text NOT NULL,
	`person` text,
	`email` text NOT NULL,
	`name` text,
	`password` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`person`) REFERENCES `person`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `person_code_email` ON `person_code` (`email`);--> statement-breakpoint
CREATE INDEX `person_code_person` ON `person_code` (`person`);--> statement-breakpoint
CREATE INDEX `person_code_expires` ON `person_code` (`expires_at`);--> statement-breakpoint
CREATE TABLE `sign_in_attempt` (
	`key` text PRIMARY KEY NOT NULL,
	`failures` integer NOT NULL,
	`at` integer NOT NULL,
	`until` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `sign_in_attempt_at` ON `sign_in_attempt` (`at`);