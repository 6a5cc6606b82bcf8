CREATE TABLE `known_browser` (
	`hash` text PRIMARY KEY NOT NULL,
	`person` text NOT NULL,
	`session` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`person`) REFERENCES `person`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `known_browser_person` ON `known_browser` (`person`,`created_at`);--> statement-breakpoint
CREATE INDEX `known_browser_expires` ON `known_browser` (`expires_at`);