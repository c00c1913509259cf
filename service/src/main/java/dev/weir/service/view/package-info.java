/**
 * The views that subscribers with the same selector, event times and mode share: the rows of each
 * record that they get, encoded once. A view is owned by its view thread, one per partition, and
 * advances only when a subscriber asks. Depends on {@code partition}, {@code latest}, {@code
 * catalog}, {@code tail}, {@code wire} and {@code core}.
 */
package dev.weir.service.view;
