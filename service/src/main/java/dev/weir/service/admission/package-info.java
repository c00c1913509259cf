/**
 * Who may have how much: budgets of memory that all sessions share, and quotas of single clients.
 * Everything here is thread-safe, counts and never blocks; times are passed in. Depends on the
 * configuration.
 */
package dev.weir.service.admission;
