CREATE TABLE `parent_tenant` (
	`tenant` text NOT NULL,
	`parent` text NOT NULL,
	PRIMARY KEY(`tenant`, `parent`)
);
--> statement-breakpoint
CREATE INDEX `parent_tenant_parent` ON `parent_tenant` (`parent`);