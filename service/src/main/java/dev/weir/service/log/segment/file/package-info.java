/**
 * The files of the embedded engine and their bytes: headers, salt, watermark, partition directory,
 * start number, committed state. Depends on {@code log} and {@code common}.
 */
package dev.weir.service.log.segment.file;
