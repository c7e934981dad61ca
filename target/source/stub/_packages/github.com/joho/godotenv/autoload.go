package autoload
