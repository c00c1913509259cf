/** Rules of names and definitions, and the partition of a sensor. Pure functions. */
package dev.weir.service.wire.names;
