/**
 * Files whose contents survive a crash: the seam to the disk, with its rules of syncing. Depends on
 * {@code common}. Not for users: everything here may change.
 */
package dev.weir.common.file;
