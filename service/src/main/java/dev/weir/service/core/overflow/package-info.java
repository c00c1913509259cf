/**
 * When a subscription that cannot keep up overflows, what it does then, and where it goes on. Pure
 * rules: {@code OverflowRule.action} is the only place that decides whether one conflates, drops or
 * ends.
 */
package dev.weir.service.core.overflow;
