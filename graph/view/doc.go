// Package view makes what people look at: grids of images, filters, rows of images to compare,
// curves, a picture of a two-dimensional code, and a report that gathers them in one HTML file.
//
// Pictures are image.Images; SavePNG writes one to a file, Report.Picture puts it in a report.
// Bad input is an error, never a panic.
package view
