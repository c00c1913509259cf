/**
 * The position of a subscription and its durable text form, and the rule that says what a position
 * means to a log that went on without it. Everything is immutable; depends on the JDK only.
 */
package dev.weir.service.core.cursor;
