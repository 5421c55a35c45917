"""GANs on images of handwritten digits: data, networks, yardsticks, and trained networks that are shipped."""
