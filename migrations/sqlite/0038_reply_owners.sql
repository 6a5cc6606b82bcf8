ALTER TABLE `idempotency` ADD `tenant` text;--> statement-breakpoint
ALTER TABLE `idempotency` ADD `fleet` text;--> statement-breakpoint
CREATE INDEX `idempotency_tenant` ON `idempotency` (`tenant`);--> statement-breakpoint
CREATE INDEX `idempotency_fleet` ON `idempotency` (`fleet`);