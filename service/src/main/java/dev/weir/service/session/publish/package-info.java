/**
 * Calls that store readings: the publishing session, Publish and Upload. Owned by the event loop;
 * the control pool checks large batches. Depends on {@code session} and what is below it.
 */
package dev.weir.service.session.publish;
